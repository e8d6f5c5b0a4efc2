/** Descriptor on which a child answers: its standard streams belong to whatever its libraries print. */
export const answerDescriptor = 4;

/** A child that watches itself ends with this once it holds too much memory. */
export const memoryExitCode = 86;
