import { lazyRouteComponent } from '@tanstack/react-router';

/** The page of a deployment where there is no other. Once it was preloaded it is drawn at once, without a frame of something else. */
export const OnlyDeployment = lazyRouteComponent(() => import('../deployment/deployment-page'), 'DeploymentPage');
