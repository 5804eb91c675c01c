import type { components } from './schema';

/** The shapes that the screens are made of, by their names in the OpenAPI document. */
type Schemas = components['schemas'];

export type Runner = Schemas['RunnerAnswer'];
export type TensorSpec = Schemas['TensorSpecAnswer'];
export type Signature = Schemas['SignatureAnswer'];
export type Slot = Schemas['SlotAnswer'];
export type VersionRef = Schemas['VersionRefAnswer'];
export type Change = Schemas['ChangeAnswer'];
export type Deployment = Schemas['DeploymentAnswer'];
export type Statistics = Schemas['StatisticsAnswer'];
export type Arm = Schemas['ArmAnswer'];
export type AuditEvent = Schemas['AuditEventAnswer'];
export type RegisteredModel = Schemas['RegisteredModelAnswer'];
export type RegisteredVersion = Schemas['RegisteredVersionAnswer'];
export type Replica = Schemas['ReplicaAnswer'];
export type Session = Schemas['SessionAnswer'];
export type Token = Schemas['TokenAnswer'];
export type CreatedToken = Schemas['CreatedTokenAnswer'];
export type Scope = Session['scopes'][number];

export type SlotName = 'current' | 'next' | 'previous';
