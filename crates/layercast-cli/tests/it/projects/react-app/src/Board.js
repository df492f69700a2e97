import axios from 'axios';
import React, { useEffect, useState } from 'react';

export default function Board() {
  const [tasks, setTasks] = useState([]);
  const [failure, setFailure] = useState(null);

  useEffect(() => {
    axios
      .get('/api/tasks')
      .then((answer) => setTasks(answer.data))
      .catch(() => setFailure('The tasks could not be read.'));
  }, []);

  if (failure) return <p role="alert">{failure}</p>;
  return (
    <ul>
      {tasks.map((task) => (
        <li key={task.id}>{task.title}</li>
      ))}
    </ul>
  );
}
