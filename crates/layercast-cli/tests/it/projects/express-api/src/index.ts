import "dotenv/config";
import cors from "cors";
import express from "express";
import helmet from "helmet";
import morgan from "morgan";
import { orders } from "./orders";

const app = express();
app.use(helmet(), cors(), morgan("combined"), express.json());
app.use("/orders", orders);
app.get("/healthz", (_request, response) => response.json({ ok: true }));

const port = Number(process.env.PORT ?? 3000);
app.listen(port, () => console.log(`orders listens on ${port}`));
