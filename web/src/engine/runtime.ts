/** ONNX Runtime Web and the two graphs, from the same place as the page. */

import type { Tensor } from "onnxruntime-web";

export type { Tensor };

import type { Backend, Description } from "../protocol";

type Ort = typeof import("onnxruntime-web");
export type Feeds = Record<string, Tensor>;

/** The graphs, ready to run. */
export interface Graphs {
  description: Description;
  /** What the network runs on; a graphics processor that fails is left for good. */
  readonly backend: Backend;
  threads: number;
  /** pixels, extent, size (and hints) → output, lightness, border. */
  network(feeds: Feeds): Promise<Feeds>;
  /** What the network gave, knobs, and a band: photograph, first_row, height → pixels, planes. */
  render(feeds: Feeds): Promise<Feeds>;
  tensor(data: Float32Array | Int32Array | Uint8Array, shape: readonly number[]): Tensor;
  isTensor(value: Tensor | Feeds): value is Tensor;
}

/** Files of the runtime for each way of computing, see `vite.config.js`. */
const RUNTIMES = {
  wasm: "ort-wasm-simd-threaded",
  webgpu: "ort-wasm-simd-threaded.jspi",
} as const;
type GraphName = keyof Description["files"];

/** Load the graphs; those for a graphics processor only where there is one that can run them. */
export async function load(
  wanted: Backend,
  threads: number,
  base: URL,
  progress: (share: number) => void,
): Promise<Graphs> {
  if (wanted === "webgpu" && (await hasGpu())) {
    try {
      return await loadFor("webgpu", threads, base, progress);
    } catch (error) {
      console.warn(error);
    }
  }
  return loadFor("wasm", threads, base, progress);
}

async function loadFor(
  backend: Backend,
  threads: number,
  base: URL,
  progress: (share: number) => void,
): Promise<Graphs> {
  const { description, files, wasm } = await fetched(backend, base, progress);
  const ort = (
    backend === "webgpu" ? await import("onnxruntime-web/jspi") : await import("onnxruntime-web/wasm")
  ) as Ort;
  ort.env.logLevel = "error";
  ort.env.wasm.wasmBinary = wasm;
  ort.env.wasm.wasmPaths = { mjs: new URL(`ort/${RUNTIMES[backend]}.mjs`, base).href };
  ort.env.wasm.numThreads = threads;
  const session = (name: GraphName, provider: Backend) =>
    ort.InferenceSession.create(files[name], {
      executionProviders: [provider],
      graphOptimizationLevel: "all",
      logSeverityLevel: 3, // errors
      // Threads that wait in a loop starve whatever else the device does.
      extra: { session: { intra_op: { allow_spinning: "0" } } },
    });
  let network = await session("network", backend);
  if (backend === "webgpu") await within(PATIENCE, network.run(smallest(ort, description)));
  // A little work on large planes: moving those to a graphics processor costs more.
  const render = await session("render", "wasm");
  progress(1);
  return {
    description,
    threads,
    get backend() {
      return backend;
    },
    async network(feeds) {
      if (backend === "wasm") return network.run(feeds);
      try {
        return await within(PATIENCE, network.run(feeds));
      } catch (error) {
        console.warn(error);
      }
      network = await session("network", "wasm");
      backend = "wasm";
      return network.run(feeds);
    },
    render: (feeds) => render.run(feeds),
    tensor: (data, shape) =>
      new ort.Tensor(TYPES[data.constructor.name as keyof typeof TYPES], data, shape),
    isTensor: (value): value is Tensor => value instanceof ort.Tensor,
  };
}

/** The description, the graphs' files, and the runtime unpacked. */
async function fetched(backend: Backend, base: URL, progress: (share: number) => void) {
  const description: Description = await (await get(new URL("model/colorizer.json", base))).json();
  const shares = [0, 0];
  const share = (part: number) => (value: number) => {
    shares[part] = value;
    progress(0.9 * (0.3 * shares[0] + 0.7 * shares[1]));
  };
  const graph = async (name: GraphName, progress: (share: number) => void) => {
    const { name: file, bytes } = description.files[name];
    return whole(await get(new URL(`model/${file}`, base)), bytes, progress);
  };
  const runtime = get(new URL(`ort/${RUNTIMES[backend]}.wasm.gz`, base));
  const [wasm, network, render] = await Promise.all([
    runtime.then((response) => unpacked(response, share(0))),
    graph("network", share(1)),
    graph("render", () => {}),
  ]);
  return { description, files: { network, render }, wasm };
}

const TYPES = { Float32Array: "float32", Int32Array: "int32", Uint8Array: "uint8" } as const;
/** A graphics processor may take a graph and then stand still on it. */
const PATIENCE = 30_000; // ms

function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error("It takes too long.")), milliseconds),
  );
  return Promise.race([work, late]);
}

/** What the network takes, as small as it may be. */
function smallest(ort: Ort, { hints, size }: Description): Feeds {
  const side = size.multiple_of;
  const zeros = new ort.Tensor("float32", new Float32Array(3 * side ** 2), [1, 3, side, side]);
  return {
    pixels: new ort.Tensor("uint8", new Uint8Array(4 * side ** 2), [side, side, 4]),
    extent: new ort.Tensor("float32", [side, side], [2]),
    size: new ort.Tensor("int32", [side, side], [2]),
    ...(hints && { hints: zeros }),
  };
}

async function hasGpu(): Promise<boolean> {
  try {
    const gpu = (navigator as { gpu?: { requestAdapter(): Promise<unknown> } }).gpu;
    const suspends = "Suspending" in WebAssembly; // JavaScript Promise Integration
    return suspends && Boolean(await gpu?.requestAdapter());
  } catch {
    return false;
  }
}

async function get(url: URL): Promise<Response> {
  const response = await fetch(url, { cache: "no-cache" }); // files of one build, not of two
  if (!response.ok) throw new Error(`${url.pathname}: ${response.status}`);
  return response;
}

/** The body, told how much of its `size` bytes has come. */
async function whole(
  response: Response,
  size: number,
  progress: (share: number) => void,
): Promise<ArrayBuffer> {
  let come = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      come += chunk.length;
      progress(Math.min(1, come / size));
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body!.pipeThrough(counted)).arrayBuffer();
}

/** The body of a .gz file, unpacked here: so it is as small on any host. */
async function unpacked(
  response: Response,
  progress: (share: number) => void,
): Promise<ArrayBuffer> {
  const packed = await whole(response, Number(response.headers.get("Content-Length")) || 4e6, progress);
  // Some hosts undo the compression of a .gz on the way.
  if (new DataView(packed).getUint16(0) !== 0x1f8b) return packed;
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}
