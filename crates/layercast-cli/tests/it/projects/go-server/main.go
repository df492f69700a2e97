package main

import (
	"encoding/json"
	"net/http"
	"os"

	"github.com/gorilla/mux"
	_ "github.com/joho/godotenv/autoload"
	"github.com/sirupsen/logrus"
)

func greet(response http.ResponseWriter, request *http.Request) {
	response.Header().Set("Content-Type", "application/json")
	json.NewEncoder(response).Encode(map[string]string{"hello": mux.Vars(request)["name"]})
}

func main() {
	address := os.Getenv("ADDRESS")
	if address == "" {
		address = ":8080"
	}
	router := mux.NewRouter()
	router.HandleFunc("/hello/{name}", greet).Methods("GET")
	router.HandleFunc("/healthz", func(response http.ResponseWriter, _ *http.Request) {
		response.WriteHeader(http.StatusNoContent)
	})
	logrus.WithField("address", address).Info("listening")
	logrus.Fatal(http.ListenAndServe(address, router))
}
