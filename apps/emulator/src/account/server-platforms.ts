export interface ServerPlatform {
  readonly id: number;
  readonly name: string;
}

/** Numbers 2 (Apache), 45 (nginx) and -1 (OTHER) are those of the vendor's samples. */
export const serverPlatforms: readonly ServerPlatform[] = [
  { id: 2, name: 'Apache' },
  { id: 45, name: 'nginx' },
  { id: 31, name: 'Microsoft IIS 10' },
  { id: 13, name: 'F5 Big-IP' },
  { id: 38, name: 'Tomcat' },
  { id: -1, name: 'OTHER' },
];
