// Stands for modules that are loaded and never called; see leave-out-unused.mjs.
