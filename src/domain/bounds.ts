// What a request may carry. Lengths count characters (UTF-16 code units), widths count entries. Input schemas use these
// and nothing else; docs/configuration.md shows them ("What a request may carry"), and a test compares the two.

/** The whole body, after decompression. */
export const BODY_BYTES = 1024 * 1024;
/** Objects and lists inside each other, the body itself included. */
export const BODY_DEPTH = 64;
/** Fields of all objects in the body: each name costs more than many bytes of text. */
export const BODY_FIELDS = 20_000;
/** Entries of all lists in the body. */
export const BODY_ENTRIES = 100_000;

/** A reference to a record: no id that a record can have is longer. */
export const ID_LENGTH = 128;
/** A name or title: as much as a body can hold, since existing clients may send any. */
export const NAME_LENGTH = 1024 * 1024;
/** A word of a client's own: an agent's id, a host's name, an event's type. */
export const WORD_LENGTH = 1_000;
/** As long as Linux lets a path be. */
export const PATH_LENGTH = 4_096;
export const REASON_LENGTH = 10_000;
/** Descriptions, prompts, messages, templates: as much as a body can hold. */
export const TEXT_LENGTH = 1024 * 1024;

/** Tasks of a session, sessions of a task. */
export const RELATED_IDS = 10_000;
/** Skills, agents, dependencies, acceptance criteria. */
export const LIST_ENTRIES = 1_000;
export const CRITERION_LENGTH = 10_000;
/** Timeline entries, and events, in one PATCH. */
export const APPENDED_ENTRIES = 1_000;

export const ENV_VARIABLES = 500;
/** Names and values in one request, in characters. */
export const ENV_LENGTH = 64 * 1024;

/** The JSON of one session's metadata and env after a PATCH was merged into them. */
export const SESSION_METADATA_BYTES = 1024 * 1024;
export const SESSION_ENV_BYTES = 256 * 1024;

/** As messages and documents write numbers: `10,000`. */
export const written = (bound: number): string => bound.toLocaleString('en-US');
