<#
.SYNOPSIS
Finds the order of a certificate by its serial number, with all copies of it.
.EXAMPLE
./Find-Certificate.ps1 -SerialNumber 0C1F6E1B5A
#>
param([Parameter(Mandatory)] [string] $SerialNumber)

$CertCentral = if ($env:CERTCENTRAL_BASE_URL) { $env:CERTCENTRAL_BASE_URL } else { 'https://www.digicert.com/services/v2' }

function Get-CertCentral([string] $Path) {
    Invoke-RestMethod -Uri ($CertCentral + $Path) -Headers @{ 'X-DC-DEVKEY' = $env:CERTCENTRAL_API_KEY }
}

$order = Get-CertCentral "/order/certificate/$SerialNumber"
$copies = @()
$copies += (Get-CertCentral ('/order/certificate/{0}/duplicate' -f $order.id)).certificates
$copies += (Get-CertCentral ('/order/certificate/{0}/reissue' -f $order.id)).certificates

[pscustomobject] @{
    Order  = $order.id
    Owner  = $order.user.email
    Status = $order.status
    Copies = $copies | ForEach-Object { $_.serial_number }
}
