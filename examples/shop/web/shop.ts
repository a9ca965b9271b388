// The page: every answer is checked by the zod schema that the contract gave before anything of it is shown.
import {
  GetOrderResponseSchema,
  ListProductsResponseSchema,
  PlaceOrderCommandSchema,
  PlaceOrderResponseSchema,
} from "../generated/ts/shop/checkout/v1/checkout.zod.js";

const said = document.querySelector("#said") as HTMLElement;

function tell(text: string, isTrouble = false): void {
  said.setAttribute("role", isTrouble ? "alert" : "status");
  said.textContent = text;
}

async function asked(path: string, init?: RequestInit): Promise<unknown> {
  const answer = await fetch(path, init);
  const body: unknown = await answer.json();
  if (!answer.ok) {
    throw new Error((body as { detail?: string }).detail ?? answer.statusText);
  }
  return body;
}

async function place(productId: string): Promise<void> {
  const customer = (document.querySelector("#customer") as HTMLInputElement).value;
  // The same rules as the server has: a name that is empty never leaves the page.
  const command = PlaceOrderCommandSchema.safeParse({ productId, quantity: 1, customer });
  if (!command.success) {
    tell(`Not ordered: ${command.error.issues[0]?.path.join(".")} is not right.`, true);
    return;
  }
  const placed = PlaceOrderResponseSchema.parse(
    await asked("/commands/checkout/place", {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
      body: JSON.stringify(command.data),
    }),
  );
  const order = GetOrderResponseSchema.parse(await asked(`/queries/checkout/orders/${placed.id}`));
  tell(`Ordered: ${order.quantity} of ${order.productId} for ${order.customer}.`);
}

async function show(): Promise<void> {
  const { products } = ListProductsResponseSchema.parse(await asked("/queries/checkout/products"));
  for (const product of products ?? []) {
    const name = document.createElement("span");
    name.textContent = `${product.title}, ${(Number(product.priceCents) / 100).toFixed(2)} €`;
    const button = document.createElement("button");
    button.textContent = "Order";
    button.dataset["product"] = product.id;
    button.addEventListener("click", () => {
      place(product.id ?? "").catch((error: unknown) => tell(String(error), true));
    });
    const row = document.createElement("li");
    row.append(name, button);
    document.querySelector("#products")?.append(row);
  }
}

show().catch((error: unknown) => tell(String(error), true));
