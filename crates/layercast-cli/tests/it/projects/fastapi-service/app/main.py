from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI(title="Quotes")
quotes: dict[int, "Quote"] = {}


class Quote(BaseModel):
    author: str
    text: str


@app.get("/quotes/{number}")
def read(number: int) -> Quote:
    if number not in quotes:
        raise HTTPException(status_code=404, detail="no such quote")
    return quotes[number]


@app.post("/quotes", status_code=201)
def write(quote: Quote) -> int:
    number = len(quotes) + 1
    quotes[number] = quote
    return number
