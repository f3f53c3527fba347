"""The report of an import as a workbook: the rows of its file, the errors beside them, to be corrected and sent again.

Made by a process of its own (`python -m pim_pipelines.importing.report OUT ROWS`), because whoever asks for it, the
API, loads no frames. It is told everything else by its standard input:

    {"columns": …}                                 a `Spec`, as JSON
    [row_number, "e" or "w", field, message]       the findings, by row number; a line each
    end                                            all was sent: without it nothing is made
"""
