import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createActor } from 'xstate';
import { App } from './app.tsx';
import { connectionMachine } from './live/connection.machine.ts';
import { LiveContext } from './live/use.ts';
import { World } from './live/world.ts';
import './style/base.css';
import './style/parts.css';
import './style/views.css';
import './style/tasks.css';

const world = new World();
const connection = createActor(connectionMachine, { input: { world } }).start();
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <LiveContext value={{ world, connection }}>
      <App />
    </LiveContext>
  </StrictMode>,
);
