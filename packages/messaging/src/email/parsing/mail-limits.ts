/** How much of one mail is kept where it can be searched and shown; the whole of it is in object storage. */
export const mailLimits = {
  /** Larger mails are kept whole in object storage and only their header is read. */
  rawBytes: 25 * 1024 * 1024,
  /** Of a mail whose body cannot be read, so much is looked at for its header. */
  headerBytes: 256 * 1024,
  textCharacters: 1_000_000,
  htmlCharacters: 1_000_000,
  /** HTML with more tags, or deeper ones, is not kept as HTML: making it safe would take seconds. */
  htmlTags: 50_000,
  htmlDepth: 500,
  subjectCharacters: 2_000,
  headers: 200,
  headerCharacters: 10_000,
  addressesPerField: 500,
  addressCharacters: 320,
  nameCharacters: 500,
  references: 100,
  messageIdCharacters: 998,
  files: 200,
  /** Servers that a mail may have passed; more of them go round in circles. */
  hops: 50,
} as const;
