export declare function leaveOutUnused(): void;
