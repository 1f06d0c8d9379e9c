// What a client of `view=changes` does with what it hears.

/**
 * Puts the data of a small `session:updated` into the whole session that the client has.
 * What the session has already comes again after a replayed fact that showed it as it is now.
 * @throws where an item was missed.
 */
export function apply(session: any, { changes, appended = {}, appendedAt = {} }: any): void {
  // The one field that may be null on a session's own account.
  for (const [name, value] of Object.entries(changes))
    if (value === null && name !== 'completedAt') delete session[name];
    else session[name] = value;
  for (const [list, items] of Object.entries<object[]>(appended)) {
    const present = session[list].length;
    if (!(appendedAt[list] <= present))
      throw new Error(`${list} has ${present} items, the next stands at ${appendedAt[list]}`);
    session[list].push(...items.slice(present - appendedAt[list]));
  }
}
