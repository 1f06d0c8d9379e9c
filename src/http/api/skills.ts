import { z } from 'zod';
import { Role } from '../../domain/session.ts';
import { endpoint } from './endpoint.ts';
import { SkillSummary, SkillView } from './views.ts';

export const listSkills = endpoint({
  method: 'get',
  path: '/api/skills',
  summary: 'All skills that can be read, by id',
  answers: { 200: z.array(SkillSummary) },
});

export const skillsForRole = endpoint({
  method: 'get',
  path: '/api/skills/role/{role}',
  summary: 'The skills of a role',
  words: { role: Role },
  answers: { 200: z.array(SkillSummary) },
  refuses: ['VALIDATION_ERROR'],
});

export const getSkill = endpoint({
  method: 'get',
  path: '/api/skills/{id}',
  summary: 'One skill with its instructions',
  answers: { 200: SkillView },
  refuses: ['NOT_FOUND'],
});

export const reloadSkill = endpoint({
  method: 'post',
  path: '/api/skills/{id}/reload',
  summary: 'One skill, from disk again',
  answers: { 200: SkillView.extend({ reloaded: z.literal(true) }) },
  refuses: ['NOT_FOUND'],
});
