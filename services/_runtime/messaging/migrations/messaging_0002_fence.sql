-- What is parked is for operators, who are answered by the machinery.
select migrating.fence('messaging.parked');
