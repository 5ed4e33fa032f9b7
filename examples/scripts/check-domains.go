// Command check-domains lists domains whose validation ends soon.
//
//	CERTCENTRAL_API_KEY=… go run check-domains.go
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"
)

// The service; everything else is made of it.
const baseURL = "https://www.digicert.com/services/v2"

type domain struct {
	ID            int    `json:"id"`
	Name          string `json:"name"`
	DCVMethod     string `json:"dcv_method"`
	DCVExpiration struct {
		OV string `json:"ov"`
	} `json:"dcv_expiration"`
}

func get(url string, into any) error {
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("X-DC-DEVKEY", os.Getenv("CERTCENTRAL_API_KEY"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", url, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}

func main() {
	var list struct {
		Domains []domain `json:"domains"`
	}
	if err := get(baseURL+"/domain?filters[status]=active&include_dcv_expiration_time=true", &list); err != nil {
		log.Fatal(err)
	}
	soon := time.Now().UTC().AddDate(0, 0, 30).Format(time.RFC3339)
	for _, d := range list.Domains {
		if d.DCVExpiration.OV > soon {
			continue
		}
		var info struct {
			Organization struct {
				Name string `json:"name"`
			} `json:"organization"`
		}
		url := fmt.Sprintf("%s/domain/%d?include_dcv=true", baseURL, d.ID)
		if err := get(url, &info); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\t%s\t%s\t%s\n", d.DCVExpiration.OV, d.Name, d.DCVMethod, info.Organization.Name)
	}
}
