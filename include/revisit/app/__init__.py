"""The steps: each public function is what one DAG task does, in one transaction, for one explicit day."""
