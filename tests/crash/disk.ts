// The disk as it may be found after a cut: what was synced is there; of the rest, what chance lets survive.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Inode, Operation } from './recorder.ts';

/** From 0 (inclusive) to 1. */
export type Chance = () => number;

/** What survives of that which no sync covers. */
export type Survival =
  /** All of it: the process died, the machine goes on. */
  | 'all'
  /** None of it: the power went. */
  | 'none'
  /** Of each file and folder some operations in any order, a write perhaps in part: the power went, badly. */
  | 'some';

type Content = Extract<Operation, { op: 'write' | 'truncate' }>;
type Naming = Extract<Operation, { op: 'link' | 'unlink' | 'rename' | 'mkdir' }>;
interface Pending<O> {
  index: number;
  operation: O;
}

/** A disk on which operations happen one after the other; can be asked at any point what a cut would leave. */
export class Disk {
  readonly #root: string;
  readonly #durable = new Map<Inode, Buffer>();
  readonly #unsynced = new Map<Inode, Pending<Content>[]>();
  /** Durable names: files with their content, folders with null. */
  readonly #names = new Map<string, Inode | null>();
  readonly #unsyncedNames = new Map<string, Pending<Naming>[]>();
  #index = 0;

  constructor(root: string) {
    this.#root = root;
  }

  apply(operation: Operation): void {
    const index = this.#index++;
    switch (operation.op) {
      case 'write':
      case 'truncate':
        pendingOf(this.#unsynced, operation.inode).push({ index, operation });
        return;
      case 'link':
      case 'unlink':
      case 'rename':
      case 'mkdir': {
        const path = operation.op === 'rename' ? operation.to : operation.path;
        pendingOf(this.#unsyncedNames, dirname(path)).push({ index, operation });
        return;
      }
      case 'sync': {
        const { inode, since } = operation;
        const [covered, left] = parted(this.#unsynced.get(inode) ?? [], since);
        let content = this.#durable.get(inode) ?? Buffer.alloc(0);
        for (const each of covered) content = changed(content, each);
        this.#durable.set(inode, content);
        this.#unsynced.set(inode, left);
        return;
      }
      case 'syncFolder': {
        const { path, since } = operation;
        const [covered, left] = parted(this.#unsyncedNames.get(path) ?? [], since);
        for (const each of covered) rename(this.#names, each);
        this.#unsyncedNames.set(path, left);
        return;
      }
      case 'note':
    }
  }

  /** The files that a cut here leaves, by their paths from the root; folders are those that hold a file, or are known. */
  after(survival: Survival, chance: Chance): Map<string, Buffer> {
    const names = new Map(this.#names);
    for (const pending of this.#unsyncedNames.values())
      for (const { operation } of pending)
        if (survival === 'all' || (survival === 'some' && chance() < 0.5)) rename(names, operation);
    const found = new Map<string, Buffer>();
    for (const [path, inode] of names) {
      if (inode === null || !this.#isReachable(names, path)) continue;
      found.set(relative(this.#root, path), this.#contentOf(inode, survival, chance));
    }
    return found;
  }

  #contentOf(inode: Inode, survival: Survival, chance: Chance): Buffer {
    let content = this.#durable.get(inode) ?? Buffer.alloc(0);
    if (survival === 'none') return content;
    for (const { operation } of this.#unsynced.get(inode) ?? []) {
      if (survival === 'all') content = changed(content, operation);
      else if (chance() < 0.5) content = changed(content, torn(operation, chance));
    }
    return content;
  }

  #isReachable(names: Map<string, Inode | null>, path: string): boolean {
    for (let folder = dirname(path); folder !== this.#root; folder = dirname(folder))
      if (!names.has(folder)) return false;
    return true;
  }
}

/** Puts files into a folder. */
export function layOut(folder: string, files: ReadonlyMap<string, Buffer>): void {
  mkdirSync(folder, { recursive: true });
  const made = new Set<string>();
  for (const [path, content] of files) {
    const whole = join(folder, path);
    if (!made.has(dirname(whole))) mkdirSync(dirname(whole), { recursive: true });
    made.add(dirname(whole));
    writeFileSync(whole, content);
  }
}

function pendingOf<K, O>(all: Map<K, Pending<O>[]>, key: K): Pending<O>[] {
  const present = all.get(key);
  if (present) return present;
  const fresh: Pending<O>[] = [];
  all.set(key, fresh);
  return fresh;
}

function parted<O>(pending: Pending<O>[], since: number): [O[], Pending<O>[]] {
  const covered = pending.filter(({ index }) => index < since).map(({ operation }) => operation);
  return [covered, pending.filter(({ index }) => index >= since)];
}

function changed(content: Buffer, operation: Content): Buffer {
  if (operation.op === 'truncate') return resized(content, operation.length);
  const { at, bytes } = operation;
  const whole = resized(content, Math.max(content.length, at + bytes.length));
  bytes.copy(whole, at);
  return whole;
}

/** What lies between the old end and the new one reads as zeros. */
function resized(content: Buffer, length: number): Buffer {
  const next = Buffer.alloc(length);
  content.copy(next, 0, 0, Math.min(length, content.length));
  return next;
}

function torn(operation: Content, chance: Chance): Content {
  if (operation.op === 'truncate' || chance() < 0.5) return operation;
  return { ...operation, bytes: operation.bytes.subarray(0, Math.floor(chance() * operation.bytes.length)) };
}

function rename(names: Map<string, Inode | null>, operation: Naming): void {
  switch (operation.op) {
    case 'link':
      names.set(operation.path, operation.inode);
      return;
    case 'mkdir':
      names.set(operation.path, null);
      return;
    case 'unlink':
      names.delete(operation.path);
      return;
    case 'rename':
      names.delete(operation.from);
      names.set(operation.to, operation.inode);
  }
}
