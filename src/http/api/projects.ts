import { z } from 'zod';
import { ProjectChange, ProjectDraft } from '../../domain/project.ts';
import { endpoint } from './endpoint.ts';
import { Deleted, ProjectView } from './views.ts';

export const listProjects = endpoint({
  method: 'get',
  path: '/api/projects',
  summary: 'All projects, oldest first',
  answers: { 200: z.array(ProjectView) },
});

export const createProject = endpoint({
  method: 'post',
  path: '/api/projects',
  summary: 'Make a project',
  body: ProjectDraft,
  answers: { 201: ProjectView },
  refuses: ['VALIDATION_ERROR'],
  tells: ['project:created'],
});

export const getProject = endpoint({
  method: 'get',
  path: '/api/projects/{id}',
  summary: 'One project',
  answers: { 200: ProjectView },
  refuses: ['PROJECT_NOT_FOUND'],
});

export const changeProject = endpoint({
  method: 'put',
  path: '/api/projects/{id}',
  summary: 'Change any of its fields',
  body: ProjectChange,
  answers: { 200: ProjectView },
  refuses: ['VALIDATION_ERROR', 'PROJECT_NOT_FOUND'],
  tells: ['project:updated'],
});

export const deleteProject = endpoint({
  method: 'delete',
  path: '/api/projects/{id}',
  summary: 'Delete a project that has neither tasks nor sessions',
  answers: { 200: Deleted },
  refuses: ['PROJECT_NOT_FOUND', 'PROJECT_HAS_DEPENDENCIES'],
  tells: ['project:deleted'],
});
