"""Writers: they turn terms and workings into text, and know no mathematics."""
