"""What knows both Airflow and Revisit: the house rules of the DAGs, the launcher, the demo."""
