import httpx
import rich
import yaml

rich.print(yaml.safe_load(httpx.get("https://example.com/settings.yaml").text))
