"""The database of the old shop, for the sake of the example: a table with a hundred orders, in `legacy/old_shop.db`."""

import sqlite3
from pathlib import Path

PATH = Path(__file__).with_name("old_shop.db")
PRODUCTS = ("tea", "cup", "pot")

PATH.unlink(missing_ok=True)
with sqlite3.connect(PATH) as database:
    database.execute(
        "CREATE TABLE orders ("
        "id INTEGER PRIMARY KEY, product TEXT NOT NULL, quantity INTEGER NOT NULL, customer TEXT NOT NULL, fax TEXT)"
    )
    database.executemany(
        "INSERT INTO orders VALUES (?, ?, ?, ?, NULL)",
        [(number, PRODUCTS[number % 3], 1 + number % 5, f"customer {number}") for number in range(1, 101)],
    )
print(f"{PATH.name}: 100 orders")
