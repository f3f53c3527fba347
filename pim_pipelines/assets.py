"""The two things that imports make, as assets: the files that suppliers sent, and the products that came of them.

The ops of `import_products` materialise them (docs/decisions/0002-ops-and-no-io-manager.md); a partition is a supplier
of a tenant, `tenant:supplier`, added when its first file comes.
"""

from dagster import AssetSpec, DynamicPartitionsDefinition, TableColumn, TableColumnConstraints, TableSchema

from pim_pipelines.importing.fields import PRODUCT_FIELDS

OWNERS = ["team:catalogue"]
GROUP = "imports"

suppliers = DynamicPartitionsDefinition(name="suppliers")
"""`tenant:supplier`; imports without a supplier are `tenant:-`."""

supplier_files = AssetSpec(
    "supplier_files",
    description=(
        "Product files as suppliers sent them, kept unchanged in the file store.\n\n"
        "Each import makes a materialisation; its **data version** is the file's SHA-256, so two with the same version "
        "were the same file. The run behind it is the import: its tag `pim/import_id` is the id in the API.\n\n"
        "Made by `fetch`, the first op of the job `import_products`, which runs when a file comes: there is nothing to "
        "materialise here by hand."
    ),
    owners=OWNERS,
    kinds={"file", "csv"},
    group_name=GROUP,
    partitions_def=suppliers,
    metadata={"kept in": "file store (PIM_FILES_URL), <tenant id>/<import id>/source"},
)

products = AssetSpec(
    "products",
    deps=[supplier_files],
    description=(
        "The product catalogue: table `pim.products`, with each supplier's SKU, cost and stock in "
        "`pim.supplier_products` and every change in `pim.product_changes`.\n\n"
        "A materialisation is one loaded file; its metadata says how many of the rows created, updated, skipped or "
        "failed, and the check `error_rate` whether too many failed.\n\n"
        "Made by `load`, the last op of the job `import_products`, which runs when a file comes: there is nothing to "
        "materialise here by hand."
    ),
    owners=OWNERS,
    kinds={"postgres", "table"},
    group_name=GROUP,
    partitions_def=suppliers,
    metadata={
        "dagster/table_name": "pim.products",
        "dagster/column_schema": TableSchema(
            columns=[
                TableColumn(
                    name=field.name,
                    type=field.sql_type,
                    description=field.description,
                    constraints=TableColumnConstraints(nullable=field.name != "is_active"),
                )
                for field in PRODUCT_FIELDS.values()
            ]
        ),
    },
)
