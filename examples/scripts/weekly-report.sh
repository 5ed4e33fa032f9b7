#!/usr/bin/env bash
# The mail of Monday morning: how many certificates end, and which orders are new.
set -euo pipefail

certcentral="https://www.digicert.com/services/v2"
since="$(date -u -d '7 days ago' +%F)"

api() {
  curl -sS --fail -H "X-DC-DEVKEY: ${CERTCENTRAL_API_KEY}" "$@"
}

echo "Certificates that end:"
api "$certcentral/report/order/expiring" | jq -r '.expiring_orders[] | "\(.days_expiring) days: \(.order_count)"'

echo "Orders since $since:"
api "${certcentral}/reports/query" -H 'Content-Type: application/graphql' \
  --data "{ order_details(date_created: \"$since 00:00:00\") { id common_name status } }" |
  jq -r '.data.order_details[] | "\(.id) \(.common_name) \(.status)"'
