// What the contract says, as plainly as it can be written down: no actors, no commits, no files. Each request changes the
// state and says with which status it is answered.

const ended = ['completed', 'failed', 'stopped'];

export interface TaskState {
  projectId: string;
  parentId: string | null;
  status: string;
  sessionStatus: string | undefined;
  sessionIds: string[];
}

export interface SessionState {
  projectId: string;
  taskIds: string[];
  strategy: string;
  status: string;
  asks: boolean;
}

interface QueueState {
  items: { taskId: string; status: string }[];
  /** The item that failed only because its session ended. */
  interrupted: number;
}

export class Reference {
  readonly tasks = new Map<string, TaskState>();
  readonly sessions = new Map<string, SessionState>();
  readonly queues = new Map<string, QueueState>();

  createTask(id: string, projectId: string, parentId: string | null): number {
    const parent = parentId === null ? null : this.tasks.get(parentId);
    if (parent === undefined) return 404;
    if (parent !== null && parent.projectId !== projectId) return 400;
    this.tasks.set(id, { projectId, parentId, status: 'todo', sessionStatus: undefined, sessionIds: [] });
    return 201;
  }

  changeTask(id: string, change: { status?: string; parentId?: string | null }): number {
    const task = this.tasks.get(id);
    if (!task) return 404;
    const { parentId } = change;
    if (typeof parentId === 'string') {
      const parent = this.tasks.get(parentId);
      if (!parent) return 404;
      if (parent.projectId !== task.projectId || this.#isAbove(id, parentId)) return 400;
    }
    Object.assign(task, change);
    return 200;
  }

  /** Whether `id` is `other`, or above it. */
  #isAbove(id: string, other: string): boolean {
    for (let at: string | null = other; at !== null; at = this.tasks.get(at)?.parentId ?? null)
      if (at === id) return true;
    return false;
  }

  reportTask(id: string, sessionStatus: string): number {
    const task = this.tasks.get(id);
    if (!task) return 404;
    task.sessionStatus = sessionStatus;
    return 200;
  }

  deleteTask(id: string): number {
    const task = this.tasks.get(id);
    if (!task) return 404;
    for (const sessionId of task.sessionIds) {
      const session = this.sessions.get(sessionId);
      if (session) session.taskIds = session.taskIds.filter((each) => each !== id);
    }
    for (const { items } of this.queues.values())
      for (const item of items)
        if (item.taskId === id) {
          if (item.status === 'queued') item.status = 'skipped';
          if (item.status === 'processing') item.status = 'failed';
        }
    for (const child of this.tasks.values()) if (child.parentId === id) child.parentId = task.parentId;
    this.tasks.delete(id);
    return 200;
  }

  createSession(id: string, projectId: string, taskIds: string[], strategy: string, status: string): number {
    if (taskIds.some((taskId) => !this.tasks.has(taskId))) return 404;
    const distinct = [...new Set(taskIds)];
    this.sessions.set(id, { projectId, taskIds: distinct, strategy, status, asks: false });
    for (const taskId of distinct) {
      const task = this.tasks.get(taskId);
      task?.sessionIds.push(id);
      if (task && strategy === 'queue') task.sessionStatus = 'queued';
    }
    if (strategy === 'queue')
      this.queues.set(id, {
        items: distinct.map((taskId) => ({ taskId, status: 'queued' })),
        interrupted: -1,
      });
    return 201;
  }

  changeStatus(id: string, status: string): number {
    const session = this.sessions.get(id);
    if (!session) return 404;
    if (status === 'spawning' && session.status !== 'spawning') return 422;
    if (ended.includes(status) && !ended.includes(session.status)) this.#interrupt(id);
    if (status !== session.status || status === 'working') session.asks = false;
    session.status = status;
    return 200;
  }

  /** A session that ends with an item in work fails it. */
  #interrupt(id: string): void {
    const queue = this.queues.get(id);
    const index = queue?.items.findIndex(({ status }) => status === 'processing') ?? -1;
    if (!queue || index === -1) return;
    this.#move(queue, index, 'failed');
    queue.interrupted = index;
  }

  say(id: string, type: string): number {
    const session = this.sessions.get(id);
    if (!session) return 404;
    session.asks = type === 'needs_input' && session.status === 'working';
    return 200;
  }

  answer(id: string): number {
    const session = this.sessions.get(id);
    if (!session) return 404;
    if (!session.asks) return 422;
    session.asks = false;
    return 200;
  }

  associate(id: string, taskId: string): number {
    const session = this.sessions.get(id);
    const task = this.tasks.get(taskId);
    if (!session || !task) return 404;
    if (session.taskIds.includes(taskId)) return 200;
    session.taskIds.push(taskId);
    task.sessionIds.push(id);
    return 200;
  }

  dissociate(id: string, taskId: string): number {
    const session = this.sessions.get(id);
    if (!session) return 404;
    if (!session.taskIds.includes(taskId)) return this.tasks.has(taskId) ? 200 : -1;
    session.taskIds = session.taskIds.filter((each) => each !== taskId);
    const task = this.tasks.get(taskId);
    if (task) task.sessionIds = task.sessionIds.filter((each) => each !== id);
    const queue = this.queues.get(id);
    const index = queue?.items.findIndex((item) => item.taskId === taskId) ?? -1;
    if (queue && ['queued', 'processing'].includes(queue.items[index]?.status ?? ''))
      this.#move(queue, index, 'skipped');
    return 200;
  }

  deleteSession(id: string): number {
    if (!this.sessions.delete(id)) return 404;
    this.queues.delete(id);
    for (const task of this.tasks.values()) task.sessionIds = task.sessionIds.filter((each) => each !== id);
    return 200;
  }

  start(id: string): number {
    return this.#onQueue(id, (session, queue) => {
      if (ended.includes(session.status)) return 422;
      if (queue.items.some(({ status }) => status === 'processing')) return 400;
      const index = queue.items.findIndex(({ status }) => status === 'queued');
      if (index === -1) return 200;
      this.#move(queue, index, 'processing');
      queue.interrupted = -1;
      Object.assign(session, { status: 'working', asks: false });
      return 200;
    });
  }

  finish(id: string, outcome: 'completed' | 'failed'): number {
    return this.#onQueue(id, (session, queue) => {
      const current = queue.items.findIndex(({ status }) => status === 'processing');
      const index = current === -1 ? queue.interrupted : current;
      if (index === -1) return 400;
      this.#move(queue, index, outcome);
      if (current === -1) queue.interrupted = -1;
      session.asks = false;
      return 200;
    });
  }

  skip(id: string): number {
    return this.#onQueue(id, (session, queue) => {
      if (ended.includes(session.status)) return 422;
      const current = queue.items.findIndex(({ status }) => status === 'processing');
      const index = current === -1 ? queue.items.findIndex(({ status }) => status === 'queued') : current;
      if (index === -1) return 400;
      this.#move(queue, index, 'skipped');
      session.asks = false;
      return 200;
    });
  }

  push(id: string, taskId: string): number {
    return this.#onQueue(id, (session, queue) => {
      const task = this.tasks.get(taskId);
      if (!task) return 404;
      if (task.projectId !== session.projectId) return 400;
      if (queue.items.some((item) => item.taskId === taskId)) return 400;
      this.associate(id, taskId);
      queue.items.push({ taskId, status: 'queued' });
      task.sessionStatus = 'queued';
      session.asks = false;
      return 200;
    });
  }

  #onQueue(id: string, work: (session: SessionState, queue: QueueState) => number): number {
    const session = this.sessions.get(id);
    if (!session) return 404;
    const queue = this.queues.get(id);
    return queue ? work(session, queue) : 400;
  }

  #move({ items }: QueueState, index: number, status: string): void {
    const item = items[index];
    if (!item) return;
    item.status = status;
    const task = this.tasks.get(item.taskId);
    if (task) task.sessionStatus = status === 'processing' ? 'working' : status;
  }
}
