package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"

	"example.com/inventory/internal/store"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/google/uuid"
)

func main() {
	items, err := store.Open(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	router := chi.NewRouter()
	router.Use(middleware.Logger, middleware.Recoverer)
	router.Get("/items", func(response http.ResponseWriter, request *http.Request) {
		found, err := items.All(request.Context())
		if err != nil {
			http.Error(response, "the items could not be read", http.StatusInternalServerError)
			return
		}
		json.NewEncoder(response).Encode(found)
	})
	router.Post("/items", func(response http.ResponseWriter, request *http.Request) {
		item := store.Item{ID: uuid.New()}
		if err := json.NewDecoder(request.Body).Decode(&item); err != nil {
			http.Error(response, "no item", http.StatusBadRequest)
			return
		}
		if err := items.Add(request.Context(), item); err != nil {
			http.Error(response, "the item could not be kept", http.StatusInternalServerError)
			return
		}
		response.WriteHeader(http.StatusCreated)
	})
	log.Fatal(http.ListenAndServe(":8080", router))
}
