"""Small applications that show how to use the packages: `echo.py` runs on `realtime` and knows no chat."""
