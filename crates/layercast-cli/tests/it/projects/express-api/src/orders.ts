import { Router } from "express";
import { Pool } from "pg";
import { z } from "zod";

const pool = new Pool({ connectionString: process.env.DATABASE_URL });

const Order = z.object({
  customer: z.string().min(1),
  items: z.array(z.object({ sku: z.string(), count: z.number().int().positive() })).min(1),
});

export const orders = Router();

orders.get("/", async (_request, response) => {
  const found = await pool.query("select id, customer, placed from orders order by placed desc limit 50");
  response.json(found.rows);
});

orders.get("/:id", async (request, response) => {
  const found = await pool.query("select * from orders where id = $1", [request.params.id]);
  if (found.rowCount === 0) {
    response.status(404).json({ error: "no such order" });
    return;
  }
  response.json(found.rows[0]);
});

orders.post("/", async (request, response) => {
  const order = Order.safeParse(request.body);
  if (!order.success) {
    response.status(400).json({ error: order.error.flatten() });
    return;
  }
  const { customer, items } = order.data;
  const made = await pool.query("insert into orders (customer, items) values ($1, $2) returning id", [
    customer,
    JSON.stringify(items),
  ]);
  response.status(201).json(made.rows[0]);
});
