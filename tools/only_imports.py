"""A contract for import-linter: some modules import only the standard library, themselves and what is allowed."""

import sys
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.helpers import module_expressions_to_modules


class OnlyImports(Contract):
    """Modules (with all that is inside them) and what else they may import directly."""

    source_modules = fields.SetField(subfield=fields.ModuleExpressionField())
    allowed_modules = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Find the direct imports that are not allowed."""
        output.verbose_print(verbose, "Looking for direct imports that are not allowed.")
        # At run time a field of the class is its value on the instance, which its type does not say.
        settings: Any = self
        packages = {module.name for module in module_expressions_to_modules(graph, settings.source_modules)}
        sources = {name for package in packages for name in (package, *graph.find_descendants(package))}
        allowed = (*settings.allowed_modules, *packages, *sys.stdlib_module_names)
        broken = [
            (source, target)
            for source in sorted(sources)
            for target in sorted(graph.find_modules_directly_imported_by(source))
            if not any(target == name or target.startswith(f"{name}.") for name in allowed)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import that has to go."""
        for source, target in check.metadata["broken"]:
            output.print_error(f"{source} imports {target}, and may not: give it the value instead.")
