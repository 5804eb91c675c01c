import type { components } from './schema';

/** The shapes that the screens are made of, by their names in the OpenAPI document. */
type Schemas = components['schemas'];

export type Signature = Schemas['SignatureAnswer'];
export type Slot = Schemas['SlotAnswer'];
export type Change = Schemas['ChangeAnswer'];
export type Deployment = Schemas['DeploymentAnswer'];
export type Statistics = Schemas['StatisticsAnswer'];
export type Arm = Schemas['ArmAnswer'];
export type AuditEvent = Schemas['AuditEventAnswer'];
export type RegisteredVersion = Schemas['RegisteredVersionAnswer'];
export type Replica = Schemas['ReplicaAnswer'];
export type Session = Schemas['SessionAnswer'];
export type Token = Schemas['TokenAnswer'];
export type Scope = Session['scopes'][number];

export type SlotName = 'current' | 'next' | 'previous';
