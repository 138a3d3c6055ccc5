"""Reads the numbers of a server as Prometheus' own library does, and looks whether histograms are whole."""

import sys

from prometheus_client.parser import text_string_to_metric_families

with open(sys.argv[1], encoding="utf-8") as file:
    families = {family.name: family for family in text_string_to_metric_families(file.read())}

for name, kind in {
    "deskbell_build_info": "gauge",
    "deskbell_http_requests": "counter",
    "deskbell_sends": "counter",
    "deskbell_webhook_acknowledgement_seconds": "histogram",
    "deskbell_commit_seconds": "histogram",
    "deskbell_interactions_open": "gauge",
    "process_resident_memory_bytes": "gauge",
}.items():
    assert families[name].type == kind, (name, families[name].type)
    assert families[name].documentation, name

for family in families.values():
    assert family.samples, family.name
    if family.type != "histogram":
        continue
    buckets = [sample for sample in family.samples if sample.name.endswith("_bucket")]
    counts = [sample.value for sample in buckets]
    assert counts == sorted(counts), family.name
    assert buckets[-1].labels["le"] == "+Inf", family.name
    count = next(sample.value for sample in family.samples if sample.name.endswith("_count"))
    assert counts[-1] == count, family.name
