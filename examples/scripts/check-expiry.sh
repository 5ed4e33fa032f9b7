#!/usr/bin/env bash
# Prints certificates that end within 30 days, the next to end first: day, order, common name. For cron and for people.
#   CERTCENTRAL_API_KEY=… ./check-expiry.sh
# WITHIN_DAYS, PAGE_SIZE and TODAY (yyyy-mm-dd) may be set. Needs bash, curl, jq and GNU date.
set -euo pipefail

BASE="${CERTCENTRAL_BASE_URL:-https://www.digicert.com/services/v2}"
WITHIN_DAYS="${WITHIN_DAYS:-30}"
PAGE_SIZE="${PAGE_SIZE:-1000}"
TODAY="${TODAY:-$(date -u +%F)}"
UNTIL="$(date -u -d "$TODAY +$WITHIN_DAYS days" +%F)"

fetch_page() {
  curl --silent --show-error --fail --retry 5 --retry-all-errors -G "$BASE/order/certificate" \
    -H "X-DC-DEVKEY: $CERTCENTRAL_API_KEY" \
    --data-urlencode "filters[status]=issued" \
    --data-urlencode "filters[valid_till]=<$UNTIL" \
    --data-urlencode "limit=$PAGE_SIZE" \
    --data-urlencode "offset=$1"
}

offset=0
rows=""
while :; do
  page="$(fetch_page "$offset")"
  rows+="$(jq -r --arg today "$TODAY" '
    .orders // [] | .[] | select(.certificate.valid_till != null and .certificate.valid_till >= $today)
    | [.certificate.valid_till, .id, .certificate.common_name] | @tsv' <<<"$page")"$'\n'
  total="$(jq '.page.total // 0' <<<"$page")"
  offset=$((offset + PAGE_SIZE))
  [ "$offset" -lt "$total" ] || break
done

printf '%s' "$rows" | sed '/^$/d' | LC_ALL=C sort
echo "$(printf '%s' "$rows" | sed '/^$/d' | wc -l | tr -d ' ') certificates end before $UNTIL"
