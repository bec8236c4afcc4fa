"""portalwatch: what Chinese provincial government portals publish, change and take down, as clean text."""

__version__ = "0.1.0"
