import './index.css';
import './compare.css';
import './evaluation.css';
import './schema.css';
