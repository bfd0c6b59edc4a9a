/** How the emitted runtime submits calls, and throws what the device says of them. */
export const SUBMIT = `const SCOPES = ["validation", "out-of-memory", "internal"] as const;

/**
 * Submits what is encoded, and waits until the device has done it. What the device reports on the way, such as a buffer
 * that was destroyed, memory that is not there or its own loss, arrives as a KernelError:
 *
 *     await submit(device, (encoder) => {
 *       kernels.forward.encode(encoder, { x, y }, { size });
 *     });
 *
 * A program that submits by itself hears of it in its own error scopes, or in the device's event "uncapturederror".
 */
export async function submit(device: GPUDevice, encode: (encoder: GPUCommandEncoder) => void): Promise<void> {
  const state = stateOf(device);
  // A device that was lost before says so once its promise had its turn.
  await Promise.resolve();
  checkAlive("submit", state);
  for (const scope of SCOPES) device.pushErrorScope(scope);
  let reports: readonly Promise<GPUError | null>[] = [];
  try {
    const encoder = device.createCommandEncoder();
    encode(encoder);
    device.queue.submit([encoder.finish()]);
  } finally {
    reports = SCOPES.map(() => device.popErrorScope());
  }
  const errors = (await Promise.all(reports)).flatMap((error) => (error === null ? [] : [error.message.trim()]));
  if (errors.length > 0) refuse("submit", \`the device reports: \${errors.join("\\n")}\`);
  await device.queue.onSubmittedWorkDone();
  checkAlive("submit", state);
}
`;
