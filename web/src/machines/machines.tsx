// The machines as such: what states there are, what each means, and what leads out of it.
import { useEffect, useState } from 'react';
import { get, type Chart } from '../live/api.ts';
import { RefusalNote, useAsk } from '../parts/ask.tsx';
import { StateChart } from './chart.tsx';

export function MachinesView() {
  const [charts, setCharts] = useState<Chart[]>([]);
  const { refusal, ask } = useAsk();
  useEffect(() => void ask(async () => setCharts(await get('api/machines'))), [ask]);
  return (
    <>
      <div className="bar-of-view">
        <h1>Machines</h1>
      </div>
      <RefusalNote refusal={refusal} />
      {charts.map((chart) => (
        <Machine key={chart.id} chart={chart} />
      ))}
    </>
  );
}

function Machine({ chart }: { chart: Chart }) {
  const states = chart.states.filter(({ path }) => path !== chart.initial);
  const [selected, setSelected] = useState(states[0]?.path ?? '');
  const state = states.find(({ path }) => path === selected);
  const leads = chart.transitions.filter(({ from }) => selected === from || selected.startsWith(`${from}.`));
  return (
    <section aria-label={`The ${chart.id} machine`}>
      <h2>{chart.id}</h2>
      <p>{chart.description}</p>
      <div className="columns">
        <StateChart id={chart.id} selected={selected} onSelect={setSelected} />
        <div>
          <label>
            State{' '}
            <select value={selected} onChange={(event) => setSelected(event.target.value)}>
              {states.map(({ path }) => (
                <option key={path}>{path}</option>
              ))}
            </select>
          </label>
          <p>{state?.description}</p>
          <table>
            <caption className="small">What it takes, also for the states around it</caption>
            <thead>
              <tr>
                <th scope="col">command</th>
                <th scope="col">if</th>
                <th scope="col">leads to</th>
              </tr>
            </thead>
            <tbody>
              {leads.map(({ from, to, event, guard }, index) => (
                <tr key={`${from} ${event} ${index}`}>
                  <td>
                    <code>{event ?? 'by itself'}</code>
                  </td>
                  <td>{guard?.type}</td>
                  <td>{to === null ? 'stays' : <code>{to}</code>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </section>
  );
}
