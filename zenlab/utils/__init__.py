"""Import paths of ZenML 0.3. There is nothing here but names from elsewhere."""
