/** What the server answers; it may send these two and nothing else. */
export type CreationStatus = "created" | "exists";

export async function createDevice(serial: string, mode: "auto" | "manual"): Promise<CreationStatus> {
  const answer = await fetch("/api/v3/data/devices", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ serial, mode }),
  });
  const { status } = (await answer.json()) as { id: string; status: CreationStatus };
  return status;
}
