"""Static files in production: hashed names, compressed, and modules that import each other by those names."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleAwareStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Rewrites `import … from "./other.js"`: otherwise a page would load a module under two names, and run it twice."""

    support_js_module_import_aggregation = True
