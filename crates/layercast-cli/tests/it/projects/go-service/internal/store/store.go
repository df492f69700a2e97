// Package store keeps the items of the inventory in PostgreSQL.
package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Item is one kind of thing on the shelves.
type Item struct {
	ID    uuid.UUID `json:"id"`
	Name  string    `json:"name"`
	Count int       `json:"count"`
}

// Store is where items are kept.
type Store struct{ pool *pgxpool.Pool }

// Open connects to the database.
func Open(ctx context.Context, url string) (*Store, error) {
	pool, err := pgxpool.New(ctx, url)
	return &Store{pool}, err
}

// All returns every item.
func (s *Store) All(ctx context.Context) ([]Item, error) {
	rows, err := s.pool.Query(ctx, "select id, name, count from items order by name")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Item])
}

// Add keeps one more item.
func (s *Store) Add(ctx context.Context, item Item) error {
	_, err := s.pool.Exec(ctx, "insert into items (id, name, count) values ($1, $2, $3)", item.ID, item.Name, item.Count)
	return err
}
