<#
.SYNOPSIS
Writes the certificates of every division into a CSV file.
.EXAMPLE
./New-CertificateInventory.ps1 -OutFile inventory.csv
#>
param(
    [string] $OutFile = 'inventory.csv',
    [int] $PageSize = 1000
)

$base = 'https://www.digicert.com/services/v2'
$headers = @{ 'X-DC-DEVKEY' = $env:CERTCENTRAL_API_KEY; Accept = 'application/json' }

# Names of divisions, the inactive ones too.
$divisions = @{}
(Invoke-RestMethod -Uri "$base/container" -Headers $headers).containers |
    ForEach-Object { $divisions[[string] $_.id] = $_.name }

$orders = @()
$offset = 0
do {
    $page = Invoke-RestMethod -Uri "$base/order/certificate?filters[status]=issued&limit=$PageSize&offset=$offset" -Headers $headers
    $orders += $page.orders
    $offset += $PageSize
} while ($offset -lt $page.page.total)

$rows = foreach ($order in $orders) {
    $info = Invoke-RestMethod -Method Get -Uri "$base/order/certificate/$($order.id)" -Headers $headers
    [pscustomobject] @{
        Order      = $order.id
        CommonName = $order.certificate.common_name
        ValidTill  = $order.certificate.valid_till
        Division   = $divisions[[string] $order.container.id]
        Owner      = $info.user.email
        Thumbprint = $info.certificate.thumbprint
    }
}
$rows | Sort-Object ValidTill | Export-Csv -Path $OutFile -NoTypeInformation
Write-Host "$($rows.Count) certificates in $OutFile"
