// What a client of `view=changes` does with what it hears.

/** Puts the data of a small `session:updated` into the whole session that the client has. */
export function apply(session: any, { changes, appended = {} }: any): void {
  // The one field that may be null on a session's own account.
  for (const [name, value] of Object.entries(changes))
    if (value === null && name !== 'completedAt') delete session[name];
    else session[name] = value;
  for (const [list, items] of Object.entries<object[]>(appended)) session[list].push(...items);
}
