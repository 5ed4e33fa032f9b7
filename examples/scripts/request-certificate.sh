#!/bin/sh
# Orders a certificate, approves the request and fetches the file; or revokes an order.
#   ./request-certificate.sh order www.example.com csr.pem
#   ./request-certificate.sh revoke 730011 "key was lost"
set -eu

API=https://www.digicert.com/services/v2
AUTH="X-DC-DEVKEY: $CERTCENTRAL_API_KEY"
JSON="Content-Type: application/json"

case "$1" in
order)
  body="$(jq -n --arg name "$2" --rawfile csr "$3" \
    '{certificate: {common_name: $name, csr: $csr, signature_hash: "sha256"}, organization: {id: 5001}, order_validity: {years: 1}}')"
  answer="$(curl -sf -H "$AUTH" -H "$JSON" -X POST "$API/order/certificate/ssl_basic" -d "$body")"
  order="$(echo "$answer" | jq .id)"
  request="$(echo "$answer" | jq '.requests[0].id')"
  curl -sf -H "$AUTH" -H "$JSON" -X PUT "$API/request/$request/status" -d '{"status": "approved"}'
  until curl -sf -H "$AUTH" "$API/order/certificate/$order" | jq -e '.status == "issued"' >/dev/null; do
    sleep 60
  done
  curl -sf -H "$AUTH" -o "$2.pem" "$API/certificate/download/order/$order/format/pem_all"
  ;;
revoke)
  curl -sf -H "$AUTH" -H "$JSON" --request PUT --data "{\"comments\": \"$3\"}" "$API/order/certificate/$2/revoke"
  ;;
*)
  echo "usage: $0 order NAME CSR | revoke ORDER WHY" >&2
  exit 2
  ;;
esac
