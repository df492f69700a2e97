package main

import (
	"encoding/json"
	"log"
	"net/http"
)

func main() {
	http.Handle("/", http.FileServer(http.Dir("/static")))
	http.HandleFunc("/api/weather", func(response http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(response).Encode([]map[string]any{{"date": "2024-05-01", "celsius": 17}})
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
