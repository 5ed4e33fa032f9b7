# Divisions, products and open orders for other modules.

variable "certcentral_key" {
  type      = string
  sensitive = true
}

variable "division" {
  type    = number
  default = 14
}

locals {
  certcentral = "https://www.digicert.com/services/v2"
  headers     = { X-DC-DEVKEY = var.certcentral_key, Accept = "application/json" }
}

data "http" "divisions" {
  url             = "${local.certcentral}/container"
  request_headers = local.headers
}

data "http" "products" {
  url             = format("%s/product", local.certcentral)
  request_headers = local.headers
}

data "http" "pending" {
  url             = "${local.certcentral}/order/certificate?filters[container_id]=${var.division}&filters[status]=pending"
  request_headers = local.headers
}

output "divisions" {
  value = { for each in jsondecode(data.http.divisions.response_body).containers : each.id => each.name }
}

output "pending" {
  value = jsondecode(data.http.pending.response_body).page.total
}
