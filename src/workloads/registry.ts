/** Models a container registry: which program an image name stands for. */
import type { Application, ApplicationFactory, ContainerContext } from './application.ts';
import { bookinfoDetails } from './images/bookinfo-details.ts';
import { bookinfoProductpage } from './images/bookinfo-productpage.ts';
import { bookinfoRatings } from './images/bookinfo-ratings.ts';
import { bookinfoReviews } from './images/bookinfo-reviews.ts';
import { echo } from './images/echo.ts';
import { fakeService } from './images/fake-service.ts';
import { fortio } from './images/fortio.ts';
import { helloworld } from './images/helloworld.ts';
import { httpbin } from './images/httpbin.ts';
import { libraryBreakerDemo } from './images/library-breaker-demo.ts';
import { orderService } from './images/order-service.ts';
import { sleep } from './images/sleep.ts';

/** By the last part of the image's repository: Istio publishes its samples under several hosts. */
const IMAGES: Readonly<Record<string, ApplicationFactory>> = {
  'examples-bookinfo-details-v1': bookinfoDetails,
  'examples-bookinfo-details-v2': bookinfoDetails,
  'examples-bookinfo-productpage-v1': bookinfoProductpage,
  'examples-bookinfo-ratings-v1': bookinfoRatings,
  'examples-bookinfo-ratings-v2': bookinfoRatings,
  'examples-bookinfo-reviews-v1': bookinfoReviews('v1'),
  'examples-bookinfo-reviews-v2': bookinfoReviews('v2'),
  'examples-bookinfo-reviews-v3': bookinfoReviews('v3'),
  'examples-helloworld-v1': helloworld('v1'),
  'examples-helloworld-v2': helloworld('v2'),
  'fake-service': fakeService,
  fortio: fortio,
  'go-httpbin': httpbin(8080),
  httpbin: httpbin(80),
  'library-breaker-demo': libraryBreakerDemo,
  'order-service': orderService,
  curl: sleep,
  busybox: sleep,
  alpine: sleep,
  netshoot: sleep,
};

/** Images of the mesh itself: whoever composes it starts these, not this room. */
const MESH_IMAGES: ReadonlySet<string> = new Set(['proxyv2', 'pilot', 'install-cni', 'ztunnel']);

/** "docker.io/istio/proxyv2:1.30.3@sha256:…" → "proxyv2". */
export function imageName(image: string): string {
  const path = image.split('@')[0]!;
  return path.slice(path.lastIndexOf('/') + 1).split(':')[0]!;
}

export function isMeshImage(image: string): boolean {
  return MESH_IMAGES.has(imageName(image));
}

export function isKnownImage(image: string): boolean {
  return isMeshImage(image) || Object.hasOwn(IMAGES, imageName(image));
}

/** The program of a container, not yet started. An unknown image becomes an echo server. */
export function createApplication(image: string, context: ContainerContext): Application {
  const name = imageName(image);
  if (Object.hasOwn(IMAGES, name)) return IMAGES[name]!(context);
  context.log(`warning: image "${image}" is not known here; an echo server runs in its place`);
  return echo(context);
}
